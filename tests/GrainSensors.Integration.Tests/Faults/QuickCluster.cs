namespace GrainSensors.Integration.Tests.Faults;

/// <summary>The cluster of a class of fault tests; it has to be well again after each of them.</summary>
public sealed class QuickCluster : IAsyncDisposable
{
    private FaultCluster? _cluster;

    internal FaultCluster Cluster => _cluster!;

    /// <summary>
    /// Before each test. In the long form each has a cluster of its own: the embedded broker looks for an offset from the
    /// beginning of its log, and gets slow as that grows.
    /// </summary>
    public async ValueTask PrepareAsync()
    {
        if (FaultSeeds.IsLong)
        {
            await DisposeAsync();
        }

        _cluster ??= await FaultCluster.StartAsync(3, FaultCluster.Quick);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is { } cluster)
        {
            _cluster = null;
            await cluster.DisposeAsync();
        }
    }
}
