using System.Text;
using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Schemas;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Makes the messages of dead letters again, with their keys, headers and timestamps.</summary>
/// <param name="deadLetterTopic">The dead-letter topic.</param>
/// <param name="sources">The topics with messages of other forms than the contract.</param>
internal sealed class RestoredMessages(string deadLetterTopic, RejectionRules rules, SourceTopics sources, TimeProvider clock)
    : IDisposable
{
    private readonly SourceSchemas _schemas = new(clock);
    private readonly Dictionary<SourceOptions, SourceReader> _readers = new(ReferenceEqualityComparer.Instance);

    public string DeadLetterTopic => deadLetterTopic;

    public void Dispose() => _schemas.Dispose();

    /// <summary>Fetches the schemas of messages, so that they can be judged.</summary>
    /// <exception cref="SchemasUnavailableException">The registry does not answer.</exception>
    public void FetchSchemas(IEnumerable<DeadLetterMessage> deadLetters)
    {
        foreach (var deadLetter in deadLetters)
        {
            if (SourceOf(deadLetter) is { } source && ReaderOf(source) is var reader
                && reader.AwaitsSchema(deadLetter.Bytes, out var schemaId))
            {
                reader.FetchSchemasAsync([schemaId], CancellationToken.None).GetAwaiter().GetResult();
            }
        }
    }

    /// <returns>Why the pipeline would reject the message again, or <see cref="RejectReason.None"/>.</returns>
    public RejectReason Judge(DeadLetterMessage deadLetter) => Judge(deadLetter, out _);

    public Message<byte[]?, byte[]?> Of(DeadLetterMessage deadLetter)
    {
        var headers = new Headers();
        IReadOnlyList<IHeader> all = deadLetter.Message?.Headers ?? [];
        var wasRequeued = all.Any(header => header.Key == DeadLetterHeaders.DeadLetterId);
        foreach (var header in all)
        {
            // An earlier requeue of the same message set these. The parts of another producer would select readings from now on.
            if (header.Key is not (DeadLetterHeaders.DeadLetterId or DeadLetterHeaders.DeadLetterTopic)
                && (header.Key != DeadLetterHeaders.Parts || (deadLetter.Parts is null && wasRequeued)))
            {
                headers.Add(header.Key, header.GetValueBytes());
            }
        }

        headers.AddText(DeadLetterHeaders.DeadLetterId, deadLetter.Id.ToString());
        headers.AddText(DeadLetterHeaders.DeadLetterTopic, deadLetterTopic);
        if (deadLetter.Parts is { } parts)
        {
            headers.AddText(DeadLetterHeaders.Parts, parts);
        }

        return new() { Key = deadLetter.RequeueKey, Value = deadLetter.Bytes, Headers = headers, Timestamp = TimestampOf(deadLetter) };
    }

    /// <returns>
    /// The timestamp of the message. For a reading that was ahead of the clock the present time: the log must show that it was not
    /// ahead when it was accepted.
    /// </returns>
    private Timestamp TimestampOf(DeadLetterMessage deadLetter)
    {
        if (deadLetter.Message?.Timestamp is not { } appended)
        {
            return Timestamp.Default;
        }

        Judge(deadLetter, out var latest);
        return rules.IsJustified(latest, appended) ? new(appended, TimestampType.CreateTime) : Timestamp.Default;
    }

    /// <param name="latest">The latest event time of the readings that the message brings, µs since the epoch.</param>
    private RejectReason Judge(DeadLetterMessage deadLetter, out long latest)
    {
        var (now, source) = (EpochTime.Now(clock), SourceOf(deadLetter));
        if (source is null)
        {
            var reason = rules.Parse(deadLetter.Bytes, now, out var reading);
            latest = reason == RejectReason.None ? reading.Timestamp : long.MinValue;
            return reason;
        }

        var mapped = new MappedReadings(rules, new(rules.Catalog, rules.AcceptedTimes, new()), rules.Catalog.Declared.Count);
        var message = new SourceMessage(deadLetter.Bytes)
        {
            Key = deadLetter.Message?.Key,
            Topic = Encoding.UTF8.GetBytes(deadLetter.Source!.Topic),
            Timestamp = deadLetter.Message?.Timestamp * 1000 ?? SourceMessage.NoTime,
            Headers = new RestoredHeaders(deadLetter.Message?.Headers ?? []),
        };
        FetchSchemas([deadLetter]);
        var parts = MessageParts.Parse(Encoding.UTF8.GetBytes(deadLetter.Parts ?? ""));
        mapped.TryRead(ReaderOf(source), in message, new(), 0, parts, now, out _);
        latest = long.MinValue;
        foreach (ref readonly var reading in mapped.Readings.Readings)
        {
            latest = Math.Max(latest, reading.Timestamp);
        }

        return mapped.FirstReason;
    }

    private SourceOptions? SourceOf(DeadLetterMessage deadLetter) => deadLetter.Source is { } from ? sources.Find(from.Topic) : null;

    private SourceReader ReaderOf(SourceOptions source)
    {
        if (!_readers.TryGetValue(source, out var reader))
        {
            _readers.Add(source, reader = new(source, _schemas));
        }

        return reader;
    }

    private sealed class RestoredHeaders(IReadOnlyList<IHeader> headers) : IMessageHeaders
    {
        public ReadOnlySpan<byte> Find(string name) => headers.LastOrDefault(header => header.Key == name)?.GetValueBytes();
    }
}
