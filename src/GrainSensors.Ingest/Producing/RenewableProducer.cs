using System.Diagnostics;
using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Producing;

/// <summary>A Kafka client that another one replaces after a fatal error, after which a client takes no more messages.</summary>
internal sealed class RenewableProducer(Func<IProducer<byte[]?, byte[]?>> create) : IDisposable
{
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReplacementInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HashSet<Client> _failed = [];
    private Client? _current;
    private int _failures;
    private long _replacedAt;
    private bool _isDisposed;

    /// <summary>The number of clients that had a fatal error.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>Hands a message to the client.</summary>
    /// <param name="reported">Receives the delivery report.</param>
    /// <exception cref="KafkaException">The client does not take it.</exception>
    public void Produce(string topic, Message<byte[]?, byte[]?> message, Action<DeliveryReport<byte[]?, byte[]?>> reported)
    {
        var client = Take();
        try
        {
            Produce(client, topic, message, reported);
        }
        catch (KafkaException e) when (IsFatal(e.Error) && Replace(client))
        {
            Produce(Take(), topic, message, reported);
        }
    }

    public void Dispose()
    {
        List<Client> all;
        lock (_gate)
        {
            all = [.. _failed, .. _current is null ? [] : new[] { _current }];
            _current = null;
            _failed.Clear();
            _isDisposed = true;
        }

        // A client waits for the thread of its reports, which takes the lock.
        foreach (var client in all)
        {
            client.Producer.Flush(FlushTimeout);
            client.Producer.Dispose();
        }
    }

    /// <summary>
    /// Whether the client has failed for good. It then refuses messages with the broker's error that was fatal, without marking it as
    /// such. The errors of brokers that it answers otherwise concern the message or its topic.
    /// </summary>
    private static bool IsFatal(Error error) => error.IsFatal || error.Code == ErrorCode.Local_Fatal || (error.IsBrokerError
        && error.Code is not (ErrorCode.MsgSizeTooLarge or ErrorCode.UnknownTopicOrPart or ErrorCode.TopicAuthorizationFailed));

    private void Produce(
        Client client, string topic, Message<byte[]?, byte[]?> message, Action<DeliveryReport<byte[]?, byte[]?>> reported)
    {
        try
        {
            client.Producer.Produce(topic, message, report =>
            {
                reported(report);
                Return(client);
            });
        }
        catch
        {
            Return(client);
            throw;
        }
    }

    private Client Take()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                throw new KafkaException(ErrorCode.Local_Destroy);
            }

            _current ??= new(create());
            _current.InFlight++;
            return _current;
        }
    }

    /// <returns>False: the client has just been replaced, and the new one has the same fault.</returns>
    private bool Replace(Client client)
    {
        lock (_gate)
        {
            if (_current == client)
            {
                if (_failures > 0 && Stopwatch.GetElapsedTime(_replacedAt) < ReplacementInterval)
                {
                    return false;
                }

                _replacedAt = Stopwatch.GetTimestamp();
                _current = null;
                _failures++;
                _failed.Add(client);
            }
        }

        DisposeIfDone(client);
        return true;
    }

    private void Return(Client client)
    {
        lock (_gate)
        {
            client.InFlight--;
        }

        DisposeIfDone(client);
    }

    /// <summary>A failed client still reports the messages that it has taken.</summary>
    private void DisposeIfDone(Client client)
    {
        lock (_gate)
        {
            if (client.InFlight > 0 || !_failed.Remove(client))
            {
                return;
            }
        }

        // It waits for the thread of the reports, which may be this one.
        _ = Task.Run(client.Producer.Dispose);
    }

    private sealed class Client(IProducer<byte[]?, byte[]?> producer)
    {
        public IProducer<byte[]?, byte[]?> Producer { get; } = producer;

        public int InFlight { get; set; }
    }
}
