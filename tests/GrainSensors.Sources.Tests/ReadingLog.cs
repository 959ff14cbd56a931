using System.Globalization;
using System.Text;
using GrainSensors.Core.Time;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Results;

namespace GrainSensors.Sources.Tests;

/// <summary>Writes each reading as a line: <c>kitchen 2026-11-24T10:15:00Z temperature=21.5 humidity=null</c>.</summary>
internal sealed class ReadingLog : IReadingSink
{
    private readonly List<StringBuilder> _lines = [];

    public IReadOnlyList<string> Lines => [.. _lines.Select(line => line.ToString())];

    public int Readings { get; private set; }

    public List<(int Index, SourceRejectReason Reason, string Detail)> Rejected { get; } = [];

    /// <param name="timestamp">ISO 8601; null: the message has none.</param>
    public static ReadingLog Of(
        SourceOptions options, ReadOnlySpan<byte> value, string key = "", string topic = "", string? timestamp = null,
        IMessageHeaders? headers = null)
    {
        var log = new ReadingLog();
        new SourceReader(options).Read(
            new(value)
            {
                Key = Encoding.UTF8.GetBytes(key),
                Topic = Encoding.UTF8.GetBytes(topic),
                Timestamp = timestamp is null
                    ? SourceMessage.NoTime
                    : EpochTime.From(DateTimeOffset.Parse(timestamp, CultureInfo.InvariantCulture)),
                Headers = headers,
            },
            log);
        return log;
    }

    public static ReadingLog Of(
        SourcePreset preset, string value, string key = "", string topic = "", string? timestamp = null) =>
        Of(new SourceOptions { Preset = preset }, Encoding.UTF8.GetBytes(value), key, topic, timestamp);

    public static ReadingLog Of(MappingOptions mapping, string value, SourceFormat format = SourceFormat.Json, string key = "",
        string topic = "", string? timestamp = null) =>
        Of(new SourceOptions { Format = format, Mapping = mapping }, Encoding.UTF8.GetBytes(value), key, topic, timestamp);

    /// <summary>The only line, of a message with one reading.</summary>
    public string Line
    {
        get
        {
            Assert.Empty(Rejected);
            return Assert.Single(Lines);
        }
    }

    /// <summary>The only rejection, of a message without readings.</summary>
    public string Rejection
    {
        get
        {
            Assert.Empty(Lines);
            var (index, reason, detail) = Assert.Single(Rejected);
            return $"{(index < 0 ? "" : $"{index} ")}{reason.ToToken()}: {detail}";
        }
    }

    public void Reading(int index, ReadOnlySpan<byte> sensor, long micros)
    {
        Readings++;
        _lines.Add(new($"{Encoding.UTF8.GetString(sensor)} {(micros == SourceMessage.NoTime ? "-" : EpochTime.ToIso8601(micros))}"));
    }

    public void Value(ReadOnlySpan<byte> name, double value) =>
        _lines[^1].Append(CultureInfo.InvariantCulture, $" {Encoding.UTF8.GetString(name)}={value}");

    public void Null(ReadOnlySpan<byte> name) => _lines[^1].Append(CultureInfo.InvariantCulture, $" {Encoding.UTF8.GetString(name)}=null");

    public void Reject(int index, SourceRejectReason reason, string detail) => Rejected.Add((index, reason, detail));
}
