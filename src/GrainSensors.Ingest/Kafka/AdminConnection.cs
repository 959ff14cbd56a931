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
    private IAdminClient? _client;
    private bool _disposed;

    /// <exception cref="KafkaException">As the question raises it.</exception>
    public async Task<T> AskAsync<T>(Func<IAdminClient, Task<T>> question)
    {
        var client = Take();
        try
        {
            return await question(client);
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_TimedOut or ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.RequestTimedOut)
        {
            Renew(client);
            throw;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _client?.Dispose();
            _client = null;
        }
    }

    private IAdminClient Take()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _client ??= make();
        }
    }

    private void Renew(IAdminClient silent)
    {
        lock (_gate)
        {
            if (_client == silent)
            {
                _client = null;

                // Waits for its threads, which may be in the middle of connecting.
                _ = Task.Run(silent.Dispose);
            }
        }
    }
}
