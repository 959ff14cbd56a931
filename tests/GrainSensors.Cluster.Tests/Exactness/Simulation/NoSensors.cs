using GrainSensors.Storage.Sensors;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>A registry without sensors.</summary>
internal sealed class NoSensors : ISensorRegistry
{
    public Task<IReadOnlyList<RegisteredSensor>> ReadAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RegisteredSensor>>([]);

    public Task<RegisteredSensor?> FindAsync(int sensorId, CancellationToken cancellationToken) =>
        Task.FromResult<RegisteredSensor?>(null);

    public Task WriteAsync(IReadOnlyCollection<RegisteredSensor> sensors, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<int>> RemoveAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<int>> ForgetAsync(IReadOnlyCollection<int> sensorIds, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<ForgottenSensor>> ReadForgottenAsync(long since, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ForgottenSensor>>([]);
}
