using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Benchmarks.Micro;

/// <summary>A store in which there is nothing, of which nothing is asked but whether it has a window.</summary>
internal sealed class EmptyStore : IWindowStore
{
    public string Description => "empty";

    public Task<IReadOnlyList<StoredWindow>> ReadAsync(IReadOnlyList<WindowId> windows, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredWindow>>([]);

    public Guid Life => Guid.Empty;

    public Task<Guid> ReadLifeAsync(CancellationToken cancellationToken) => Task.FromResult(Life);

    public Task PrepareAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowWrite> writes, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<OpenWindow>> ReadOpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Checkpoint?> ReadCheckpointAsync(SourceId source, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> WriteCheckpointAsync(Checkpoint checkpoint, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Refusal>> ReadRefusalsAsync(SourceId source, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<bool> WriteRefusalsAsync(
        SourceId source, IReadOnlyList<Refusal> refusals, IReadOnlyList<long> tokens, Guid life, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<WindowRow> QueryAsync(WindowQuery query, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task SetPeriodAsync(Period period, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
