using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Replay;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using NodaTime.Text;

namespace GrainSensors.Tests.Replay;

/// <summary>What is read from a recording on 2026-11-29.</summary>
/// <param name="Lines">For each line its number, and its time and values or its error.</param>
internal sealed record Replayed(IReadOnlyList<string> Lines, IReadOnlyList<string> Notes)
{
    public static Replayed Read(
        string text, string? format = null, string? zone = null, MeasurementSet? measurements = null, params (string, string)[] columns)
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllText(folder.File("a.csv"), text);
        var recording = new RecordingFile(
            folder.File("a.csv"),
            new(null, columns.ToDictionary(pair => pair.Item1, pair => pair.Item2)),
            format is null ? null : LocalDateTimePattern.CreateWithInvariantCulture(format).WithTwoDigitYearMax(99),
            zone is null ? null : DateTimeZoneProviders.Tzdb[zone]);
        var clock = new FakeTimeProvider(new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));
        using var readings = new CsvReadings(recording, measurements ?? MeasurementSet.Default, new(), clock);
        var lines = new List<string>();
        while (readings.Read(out var reading, out var error))
        {
            lines.Add(FormattableString.Invariant($"{readings.Line}: {error ?? Text(readings.Sensor, reading)}"));
        }

        return new(lines, readings.Notes);
    }

    /// <returns>The times of the readings, or errors, of a recording with one sensor.</returns>
    public static IReadOnlyList<string> Times(string? format, string? zone, params IEnumerable<string> times) =>
    [
        .. Read("sensor_id;timestamp;temperature\n" + string.Concat(times.Select(time => $"7;{time};21\n")), format, zone).Lines
            .Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..].Replace(" 7 21 NaN", "", StringComparison.Ordinal)),
    ];

    private static string Text(SensorRef sensor, in Reading reading) => FormattableString.Invariant(
        $"{EpochTime.ToIso8601(reading.Timestamp)} {sensor} {reading.Values[0]} {reading.Values[1]}");
}
