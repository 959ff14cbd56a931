namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>Tests that hurt a cluster with short time-outs.</summary>
[Trait("Category", "System")]
public abstract class QuickClusterTests(QuickCluster fixture) : IClassFixture<QuickCluster>, IAsyncLifetime
{
    private FaultCluster? _cluster;

    private protected FaultCluster Cluster => _cluster ?? throw new InvalidOperationException("The test has not begun.");

    public async ValueTask InitializeAsync() => _cluster = await fixture.TakeAsync();

    public ValueTask DisposeAsync()
    {
        // The fixture keeps it for the next one.
        GC.SuppressFinalize(this);
        return default;
    }
}
