using System.Globalization;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Sources;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Results;
using GrainSensors.Sources.Schemas;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>Reads the topics of a source.</summary>
/// <remarks>The format and the mapping are those of the stream. Sensors, times and values are judged by other code.</remarks>
/// <param name="topic">The name of the topic.</param>
/// <param name="earliest">Earliest accepted timestamp of a reading, µs since the epoch.</param>
internal sealed class MappedMessages(
    string topic, SourceReader reader, ReadingValues.Rules rules, long earliest) : IMessageParser, IReadingSink
{
    private readonly byte[] _topic = Encoding.UTF8.GetBytes(topic);
    private readonly RecordHeaders _headers = new();
    private List<ParsedPart> _into = [];
    private HashSet<int>? _parts;
    private int _index = ParsedPart.Whole;
    private MessageSensorRef? _sensor;
    private long _time;
    private ReadingValues _values = rules.Begin();

    /// <exception cref="ReconciliationException">The schema of the message cannot be fetched.</exception>
    public void Parse(ConsumeResult<byte[]?, byte[]?> record, List<ParsedPart> into)
    {
        (_into, _index, _headers.Headers) = (into, ParsedPart.Whole, record.Message.Headers);
        if (record.Message.Value is not { } value)
        {
            into.Add(new(ParsedPart.Whole, ParsedMessage.Rejected("no value", default)));
            return;
        }

        _parts = PartsOf(record.Message.Headers);
        var timestamp = record.Message.Timestamp;
        var message = new SourceMessage(value)
        {
            Key = record.Message.Key,
            Topic = _topic,
            Timestamp = timestamp.Type == TimestampType.NotAvailable
                ? SourceMessage.NoTime : timestamp.UnixTimestampMs * 1000,
            Headers = _headers,
        };
        while (!reader.TryRead(in message, this, out var schemaId))
        {
            Fetch(schemaId);
        }

        Complete();
    }

    public void Reading(int index, ReadOnlySpan<byte> sensor, long micros)
    {
        Complete();
        if (_parts?.Contains(index) != false)
        {
            _sensor = MessageSensorRef.TryParse(Encoding.UTF8.GetString(sensor), out var known) ? known : null;
            (_index, _time) = (index, micros);
            _values = rules.Begin();
        }
    }

    public void Value(ReadOnlySpan<byte> name, double value)
    {
        if (_index < 0)
        {
            return;
        }

        var measurement = _values.IndexOf(name);
        if (_values.IsDeclared(measurement))
        {
            _values.Declare(measurement, value);
        }
        else
        {
            _values.Add(measurement, value);
        }
    }

    public void Null(ReadOnlySpan<byte> name) => Value(name, double.NaN);

    public void Reject(int index, SourceRejectReason reason, string detail)
    {
        Complete();
        if (index == IReadingSink.WholeMessage || _parts?.Contains(index) != false)
        {
            _into.Add(new(index, ParsedMessage.Rejected(reason.ToToken(), default)));
        }
    }

    /// <returns>The readings that a requeued message brings; null: all.</returns>
    private static HashSet<int>? PartsOf(Headers? headers) =>
        string.IsNullOrEmpty(LogHeaders.Text(headers, LogHeaders.DeadLetterId)) ? null
        : IndexesOf(LogHeaders.Text(headers, LogHeaders.Parts)) is { } parts ? [.. parts]
        : null;

    /// <returns>The numbers of a list such as <c>0,3</c>; null for anything else.</returns>
    internal static List<int>? IndexesOf(string? list)
    {
        var indexes = new List<int>();
        foreach (var part in list?.Split(',') ?? [""])
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                return null;
            }

            indexes.Add(index);
        }

        return indexes;
    }

    private void Fetch(int schemaId)
    {
        try
        {
            reader.FetchSchemasAsync([schemaId], CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (SchemasUnavailableException e)
        {
            throw new ReconciliationException($"{e.Message.TrimEnd('.')}.", e);
        }
    }

    private void Complete()
    {
        if (_index < 0)
        {
            return;
        }

        var fault = _sensor is null ? "invalid sensor_id"
            : _time == SourceMessage.NoTime ? "no timestamp"
            : _time < earliest ? "invalid timestamp"
            : _values.Fault;
        _into.Add(new(_index, fault is not null ? ParsedMessage.Rejected(fault, default)
            : new(_sensor!.Value.Id, _time, _values.Declared, null, 0) { Name = _sensor.Value.Name, Others = _values.Others }));
        _index = ParsedPart.Whole;
    }

    private sealed class RecordHeaders : IMessageHeaders
    {
        public Headers? Headers { get; set; }

        public ReadOnlySpan<byte> Find(string name) => Headers?.TryGetLastBytes(name, out var value) == true ? value : default;
    }
}
