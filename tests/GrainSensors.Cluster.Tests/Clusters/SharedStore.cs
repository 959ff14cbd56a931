using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>A store that several silos of this process share: none of them closes it when it stops.</summary>
internal sealed class SharedStore(IWindowStore store) : IWindowStore
{
    /// <summary>Of how many starts of partitions the store keeps the checkpoint, and its answer does not arrive.</summary>
    public int LostStarts { get; set; }

    public string Description => store.Description;

    public Guid Life => store.Life;

    public Task<Guid> ReadLifeAsync(CancellationToken cancellationToken) => store.ReadLifeAsync(cancellationToken);

    public Task PrepareAsync(CancellationToken cancellationToken) => store.PrepareAsync(cancellationToken);

    public Task<IReadOnlyList<StoredWindow>> ReadAsync(IReadOnlyList<WindowId> windows, CancellationToken cancellationToken) =>
        store.ReadAsync(windows, cancellationToken);

    public Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowWrite> writes, CancellationToken cancellationToken) =>
        store.WriteAsync(writes, cancellationToken);

    public Task<IReadOnlyList<OpenWindow>> ReadOpenAsync(CancellationToken cancellationToken) => store.ReadOpenAsync(cancellationToken);

    public Task<Checkpoint?> ReadCheckpointAsync(SourceId source, CancellationToken cancellationToken) =>
        store.ReadCheckpointAsync(source, cancellationToken);

    public async Task<bool> WriteCheckpointAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var isWritten = await store.WriteCheckpointAsync(checkpoint, cancellationToken);
        return checkpoint.RemovesRefusalsBelow is null || LostStarts-- <= 0
            ? isWritten
            : throw new WindowStoreUnavailableException("The answer was lost.");
    }

    public Task<IReadOnlyList<Refusal>> ReadRefusalsAsync(SourceId source, CancellationToken cancellationToken) =>
        store.ReadRefusalsAsync(source, cancellationToken);

    public Task<bool> WriteRefusalsAsync(
        SourceId source, IReadOnlyList<Refusal> refusals, IReadOnlyList<long> tokens, Guid life, CancellationToken cancellationToken) =>
        store.WriteRefusalsAsync(source, refusals, tokens, life, cancellationToken);

    public IAsyncEnumerable<WindowRow> QueryAsync(WindowQuery query, CancellationToken cancellationToken) =>
        store.QueryAsync(query, cancellationToken);

    public Task SetPeriodAsync(Period period, CancellationToken cancellationToken) => store.SetPeriodAsync(period, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
