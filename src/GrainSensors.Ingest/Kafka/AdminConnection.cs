using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka;

/// <summary>
/// A client that asks Kafka things now and then, and is replaced once it got no answer: one that has lived through an
/// outage can wait for as long as the socket's time-out for answers that will never come, while a new one is answered at once.
/// </summary>
internal sealed class AdminConnection(Func<IAdminClient> make) : IDisposable
{
    private readonly Lock _gate = new();
    private Client? _client;
    private bool _disposed;

    /// <exception cref="KafkaException">As the question raises it.</exception>
    public async Task<T> AskAsync<T>(Func<IAdminClient, Task<T>> question)
    {
        var client = Take();
        try
        {
            return await question(client.Admin);
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_TimedOut or ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.RequestTimedOut)
        {
            GiveUp(client);
            throw;
        }
        finally
        {
            Return(client);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        if (_client is { } client)
        {
            GiveUp(client);
        }
    }

    private Client Take()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _client ??= new(make());
            _client.Users++;
            return _client;
        }
    }

    /// <summary>Nobody is given it any more. Whoever still asks it has his answer first: a client that is disposed of answers nobody.</summary>
    private void GiveUp(Client client)
    {
        lock (_gate)
        {
            if (_client == client)
            {
                _client = null;
                DisposeUnused(client);
            }
        }
    }

    private void Return(Client client)
    {
        lock (_gate)
        {
            client.Users--;
            DisposeUnused(client);
        }
    }

    private void DisposeUnused(Client client)
    {
        if (_client != client && client.Users == 0 && !client.IsDisposed)
        {
            client.IsDisposed = true;

            // Waits for its threads, which may be in the middle of connecting.
            _ = Task.Run(client.Admin.Dispose);
        }
    }

    private sealed class Client(IAdminClient admin)
    {
        public IAdminClient Admin => admin;

        public int Users { get; set; }

        public bool IsDisposed { get; set; }
    }
}
