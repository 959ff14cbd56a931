using System.Collections.Concurrent;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Ingest.Producing.Once;

/// <summary>The transactional producers of a process, which requests use in turns: a new one takes Kafka many round trips.</summary>
internal sealed class IngestTransactions(KafkaClients clients) : IDisposable
{
    /// <summary>Transactions at the same time; one takes a few round trips to Kafka.</summary>
    private const int MaxProducers = 8;

    private static readonly TimeSpan InitTimeout = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turns = new(MaxProducers, MaxProducers);
    private readonly ConcurrentBag<IngestTransaction> _idle = [];

    /// <summary>Waits for a producer that no other request uses.</summary>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or refuses transactions.</exception>
    public async Task<IngestTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        return _idle.TryTake(out var idle)
            ? new(idle.TransactionalId, idle.Producer, clients.Options, Return)
            : await ConnectAsync($"{KafkaPermissions.TransactionalIds}ingest-{Guid.NewGuid():N}");
    }

    /// <summary>
    /// Ends the producer that has the transactional id, wherever it is: its open transaction is aborted, one that it is committing is
    /// completed, and it can begin no other.
    /// </summary>
    /// <inheritdoc cref="BeginAsync"/>
    public async Task<IngestTransaction> FenceAsync(string transactionalId, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        return await ConnectAsync(transactionalId);
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var idle))
        {
            idle.Producer.Dispose();
        }

        _turns.Dispose();
    }

    /// <summary>The caller has a turn, which ends if the producer cannot be had.</summary>
    private async Task<IngestTransaction> ConnectAsync(string transactionalId)
    {
        try
        {
            return await KafkaUnavailableException.GuardAsync(clients.Options, () => Task.Run(() => Connect(transactionalId)));
        }
        catch
        {
            _turns.Release();
            throw;
        }
    }

    private IngestTransaction Connect(string transactionalId)
    {
        var producer = clients.BatchProducer(transactionalId);
        try
        {
            producer.InitTransactions(InitTimeout);
            return new(transactionalId, producer, clients.Options, Return);
        }
        catch
        {
            producer.Dispose();
            throw;
        }
    }

    private void Return(IngestTransaction transaction)
    {
        // A fence adds a producer to those that there are.
        if (transaction.IsComplete && _idle.Count < MaxProducers)
        {
            _idle.Add(transaction);
        }
        else
        {
            // Its id stays that of the request, which a repeat may fence. The disposal waits for the client's threads.
            _ = Task.Run(transaction.Producer.Dispose);
        }

        _turns.Release();
    }
}
