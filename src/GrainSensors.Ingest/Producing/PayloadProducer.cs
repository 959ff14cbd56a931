using System.Text;
using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Kafka.Native;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Producing;

/// <summary>
/// Produces payloads of other systems as they came. Payloads of one key keep their order. A payload that Kafka refuses for its size
/// becomes a dead letter with its first 64 KiB.
/// </summary>
public sealed class PayloadProducer : IDisposable
{
    /// <summary>Stands for the partition and the offset of a message that is not in a topic of Kafka.</summary>
    private const int NotInKafka = -1;

    /// <summary>Devices wait for the acknowledgement; at a high rate batches fill within less.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(2);

    private readonly KafkaClients _clients;
    private readonly IDeadLetterSink _deadLetters;
    private readonly Lock _gate = new();
    private readonly List<IProducer<byte[]?, byte[]?>> _failed = [];
    private IProducer<byte[]?, byte[]?>? _producer;

    internal PayloadProducer(KafkaClients clients, IDeadLetterSink deadLetters) => (_clients, _deadLetters) = (clients, deadLetters);

    /// <summary>Produces a payload, and waits until Kafka has it.</summary>
    /// <param name="header">The name of the header that gets the key.</param>
    /// <returns>False: the payload is too large and became a dead letter.</returns>
    /// <exception cref="KafkaUnavailableException">Kafka does not take it.</exception>
    public Task<bool> ProduceAsync(string topic, string key, string header, byte[] payload)
    {
        var name = Encoding.UTF8.GetBytes(key);
        var message = new Message<byte[]?, byte[]?> { Key = name, Value = payload, Headers = [new Header(header, name)] };
        return KafkaUnavailableException.GuardAsync(_clients.Options, () => ProduceAsync(topic, message));
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _producer?.Dispose();
            _producer = null;
            _failed.ForEach(failed => failed.Dispose());
            _failed.Clear();
        }
    }

    private async Task<bool> ProduceAsync(string topic, Message<byte[]?, byte[]?> message)
    {
        var producer = Current();
        try
        {
            await producer.ProduceAsync(topic, message);
            return true;
        }
        catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.MsgSizeTooLarge)
        {
            await RefuseAsync(topic, message);
            return false;
        }
        catch (KafkaException e) when (e.Error.IsFatal)
        {
            Replace(producer);
            throw;
        }
    }

    private async Task RefuseAsync(string topic, Message<byte[]?, byte[]?> message)
    {
        var bytes = message.Value!;
        var detail = $"The payload has {bytes.Length} bytes, more than Kafka accepts (message.max.bytes).";
        var attributes = new MessageAttributes(message.Key, [.. message.Headers], null);
        var deadLetter = new DeadLetter(topic, NotInKafka, NotInKafka, RejectReason.TooLarge, detail, bytes, attributes);
        if (await _deadLetters.WriteAsync([deadLetter], CancellationToken.None) is { } failed)
        {
            throw failed.Reason;
        }
    }

    private IProducer<byte[]?, byte[]?> Current()
    {
        lock (_gate)
        {
            return _producer ??= _clients.Producer(Linger);
        }
    }

    /// <summary>
    /// After a fatal error the client takes no more messages. It reports those that it has taken when their time is over, so it is kept.
    /// </summary>
    private void Replace(IProducer<byte[]?, byte[]?> failed)
    {
        lock (_gate)
        {
            if (_producer == failed)
            {
                _producer = null;
                _failed.Add(failed);
            }
        }
    }
}
