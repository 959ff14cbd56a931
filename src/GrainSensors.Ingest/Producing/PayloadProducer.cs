using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Kafka.Native;
using GrainSensors.Ingest.Telemetry;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Producing;

/// <summary>Produces payloads of other systems as they came, to any topic. Payloads of one key keep their order.</summary>
public sealed class PayloadProducer : IDisposable
{
    /// <summary>Stands for the partition and the offset of a message that is not in a topic of Kafka.</summary>
    private const int NotInKafka = -1;

    /// <summary>Devices wait for the acknowledgement; at a high rate batches fill within less.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(2);

    private readonly KafkaClients _clients;
    private readonly IDeadLetterSink _deadLetters;
    private readonly TimeProvider _clock;
    private readonly RenewableProducer _producer;
    private readonly ConcurrentDictionary<string, Lazy<TopicTurns>> _topics = new();

    internal PayloadProducer(KafkaClients clients, IDeadLetterSink deadLetters, TimeProvider clock)
    {
        (_clients, _deadLetters, _clock) = (clients, deadLetters, clock);
        _producer = new(() => clients.PayloadProducer(Linger));
    }

    /// <summary>The number of Kafka clients that had a fatal error and were replaced.</summary>
    internal int Failures => _producer.Failures;

    /// <summary>Payloads of the topic wait, because the embedded broker would remove messages that the silos have not read.</summary>
    public bool IsHolding(string topic) => _topics.TryGetValue(topic, out var turns) && turns.Value.IsHolding;

    /// <summary>Produces a payload, and waits until Kafka has it. One that Kafka refuses for its size becomes a dead letter.</summary>
    /// <param name="header">The name of the header that gets the key.</param>
    /// <param name="cancellationToken">Ends the wait. A payload that Kafka's client does not have yet is not sent.</param>
    /// <returns>False: the payload is too large and became a dead letter with its first 64 KiB.</returns>
    /// <exception cref="KafkaUnavailableException">Kafka does not take it.</exception>
    public async Task<bool> ProduceAsync(
        string topic, string key, string header, byte[] payload, CancellationToken cancellationToken)
    {
        var name = Encoding.UTF8.GetBytes(key);
        IReadOnlyList<IHeader> headers = [new Header(header, name)];
        try
        {
            await ProduceAsync(topic, name, payload, headers, cancellationToken).WaitAsync(cancellationToken);
            return true;
        }
        catch (PayloadTooLargeException e)
        {
            await KafkaUnavailableException.GuardAsync(_clients.Options, () => RefuseAsync(topic, name, payload, headers, e.Message));
            return false;
        }
    }

    /// <summary>Produces a payload, and waits until Kafka has it.</summary>
    /// <param name="key">Null: none.</param>
    /// <param name="cancellationToken">Ends the wait for Kafka's client. A payload that it has is sent, until it times out.</param>
    /// <exception cref="PayloadTooLargeException">Kafka refuses its size.</exception>
    /// <exception cref="KafkaUnavailableException">Kafka does not take it.</exception>
    public Task ProduceAsync(
        string topic, byte[]? key, byte[] payload, IReadOnlyList<IHeader> headers, CancellationToken cancellationToken) =>
        KafkaUnavailableException.GuardAsync(_clients.Options, () => DeliverAsync(topic, key, payload, headers, cancellationToken));

    public void Dispose()
    {
        _producer.Dispose();
        foreach (var turns in _topics.Values.Where(turns => turns.IsValueCreated))
        {
            turns.Value.Dispose();
        }
    }

    private async Task DeliverAsync(
        string topic, byte[]? key, byte[] payload, IReadOnlyList<IHeader> headers, CancellationToken cancellationToken)
    {
        var span = ReadingTraces.Send(topic);
        try
        {
            var all = span is null ? new Headers() : ReadingTraces.Headers(span);
            foreach (var header in headers)
            {
                all.Add(header.Key, header.GetValueBytes());
            }

            var turns = _topics.GetOrAdd(topic, TurnsOf).Value;
            var delivery = await turns.SendAsync(new() { Key = key, Value = payload, Headers = all }, cancellationToken);
            var report = await delivery;
            if (span is not null)
            {
                ReadingTraces.Sent(span, report.Partition, report.Offset);
            }
        }
        catch (Exception e)
        {
            if (span is not null)
            {
                ReadingTraces.NotSent(span, e.Message);
            }

            if (e is KafkaException { Error.Code: ErrorCode.MsgSizeTooLarge })
            {
                throw TooLarge(topic, payload.Length, e);
            }

            throw;
        }
    }

    private async Task RefuseAsync(string topic, byte[] key, byte[] payload, IReadOnlyList<IHeader> headers, string detail)
    {
        var attributes = new MessageAttributes(key, headers, null);
        var deadLetter = new DeadLetter(topic, NotInKafka, NotInKafka, RejectReason.TooLarge, detail, payload, attributes);
        if (await _deadLetters.WriteAsync([deadLetter], CancellationToken.None) is { } failed)
        {
            throw failed.Reason;
        }
    }

    private static PayloadTooLargeException TooLarge(string topic, int length, Exception e) => new(
        $"The payload has {length} bytes, more than Kafka accepts for the topic \"{topic}\" "
        + "(message.max.bytes of the client and the broker, max.message.bytes of the topic).",
        e);

    private Lazy<TopicTurns> TurnsOf(string topic) =>
        new(() => new(topic, _producer, new(_clients.Of(topic), _clock), _clock));
}
