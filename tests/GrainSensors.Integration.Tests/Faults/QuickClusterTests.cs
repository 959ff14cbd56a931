namespace GrainSensors.Integration.Tests.Faults;

/// <summary>Tests that hurt a cluster with short time-outs.</summary>
public abstract class QuickClusterTests(QuickCluster fixture) : IClassFixture<QuickCluster>, IAsyncLifetime
{
    private protected FaultCluster Cluster => fixture.Cluster;

    public ValueTask InitializeAsync() => fixture.PrepareAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }
}
