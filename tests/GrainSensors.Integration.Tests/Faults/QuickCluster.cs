namespace GrainSensors.Integration.Tests.Faults;

/// <summary>The cluster of a class of fault tests; it has to be well again after each of them.</summary>
public sealed class QuickCluster : IAsyncLifetime
{
    private FaultCluster? _cluster;

    internal FaultCluster Cluster => _cluster!;

    public async ValueTask InitializeAsync() => _cluster = await FaultCluster.StartAsync(3, FaultCluster.Quick);

    public ValueTask DisposeAsync() => _cluster?.DisposeAsync() ?? default;
}
