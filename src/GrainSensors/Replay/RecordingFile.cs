using GrainSensors.Csv;
using NodaTime;
using NodaTime.Text;

namespace GrainSensors.Replay;

/// <summary>Where a recording is, and what the user says about it.</summary>
/// <param name="TimeFormat">Null: ISO 8601 or epoch.</param>
/// <param name="TimeZone">Zone of times without an offset; null: UTC.</param>
internal sealed record RecordingFile(string Path, CsvFormat Format, LocalDateTimePattern? TimeFormat = null, DateTimeZone? TimeZone = null);
