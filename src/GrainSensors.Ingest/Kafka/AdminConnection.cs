using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka;

/// <summary>
/// An admin client for occasional requests, replaced after a request without a response. After an outage an old client may wait for
/// the socket timeout, while a new client gets its response at once.
/// </summary>
internal sealed class AdminConnection(Func<IAdminClient> create) : IDisposable
{
    private readonly Lock _gate = new();
    private Client? _client;
    private bool _disposed;

    /// <exception cref="KafkaException">The request has failed.</exception>
    public async Task<T> RequestAsync<T>(Func<IAdminClient, Task<T>> request)
    {
        var client = Take();
        try
        {
            return await request(client.Admin);
        }
        catch (KafkaException e) when (IsWithoutResponse(e.Error.Code))
        {
            Replace(client);
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
            Replace(client);
        }
    }

    private static bool IsWithoutResponse(ErrorCode code) => code is ErrorCode.Local_TimedOut
        or ErrorCode.Local_Transport
        or ErrorCode.Local_AllBrokersDown
        or ErrorCode.RequestTimedOut;

    private Client Take()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _client ??= new(create());
            _client.Users++;
            return _client;
        }
    }

    /// <summary>Gives the next request a new client. The old client is disposed after its current requests.</summary>
    private void Replace(Client client)
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

            // The disposal waits for the client's threads, which may be connecting.
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
