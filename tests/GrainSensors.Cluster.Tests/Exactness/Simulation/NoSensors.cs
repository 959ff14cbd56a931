using GrainSensors.Storage.Sensors;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>A registry without sensors.</summary>
internal sealed class NoSensors : ISensorRegistry
{
    public Task<IReadOnlyList<RegisteredSensor>> ReadAsync(RegistryQuery query, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RegisteredSensor>>([]);

    public Task<IReadOnlyList<RegisteredSensor>> FindAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RegisteredSensor>>([]);

    public Task<long> CountAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

    public Task<IReadOnlyList<WatchedSensor>> ReadWatchedAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<WatchedSensor>>([]);

    public Task WriteAsync(IReadOnlyCollection<RegisteredSensor> sensors, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task ChangeAsync(
        IReadOnlyCollection<int> sensorIds, Func<IReadOnlyList<RegisteredSensor>, IReadOnlyCollection<RegisteredSensor>> change,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<int>> RemoveAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<int>> ForgetAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<ForgottenSensor>> ReadForgottenAsync(long since, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ForgottenSensor>>([]);
}
