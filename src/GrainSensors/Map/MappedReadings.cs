using System.Globalization;
using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Results;

namespace GrainSensors.Map;

/// <summary>Keeps what a message becomes, for people and for programs.</summary>
internal sealed class MappedReadings : IReadingSink
{
    private static readonly string[] Titles = ["SENSOR", "TIME", "MEASUREMENT", "VALUE"];

    public List<MappedReading> Readings { get; } = [];

    public List<RejectedReading> Rejected { get; } = [];

    public void Reading(int index, ReadOnlySpan<byte> sensor, long micros) => Readings.Add(new(
        index,
        SensorRef.Parse(Encoding.UTF8.GetString(sensor))!.Value,
        micros == SourceMessage.NoTime ? null : EpochTime.ToIso8601(micros),
        []));

    public void Value(ReadOnlySpan<byte> name, double value) => Readings[^1].Values[Encoding.UTF8.GetString(name)] = value;

    public void Null(ReadOnlySpan<byte> name) => Readings[^1].Values[Encoding.UTF8.GetString(name)] = null;

    public void Reject(int index, SourceRejectReason reason, string detail) =>
        Rejected.Add(new(index == IReadingSink.WholeMessage ? null : index, reason.ToToken(), detail));

    /// <returns>A table with a line for each value; none without readings.</returns>
    public IEnumerable<string> ToLines()
    {
        string[][] rows =
        [
            Titles,
            .. Readings.SelectMany(reading => reading.Values.Select(value => new[]
            {
                PrintableText.Escape($"{reading.Sensor}"),
                reading.Timestamp ?? "that of the message",
                PrintableText.Escape(value.Key),
                value.Value?.ToString(CultureInfo.InvariantCulture) ?? "null",
            })),
        ];
        int[] widths = [.. Titles.Select((_, column) => rows.Max(row => row[column].Length))];
        return Readings.Count == 0
            ? []
            : rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    /// <param name="Timestamp">ISO 8601; null: that of the message, which is not known.</param>
    internal sealed record MappedReading(int Index, SensorRef Sensor, string? Timestamp, Dictionary<string, double?> Values);

    /// <param name="Index">Null: the whole message.</param>
    internal sealed record RejectedReading(int? Index, string Reason, string Detail);
}
