namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>The cluster of a class of fault tests, which take it one after the other.</summary>
public sealed class QuickCluster : IAsyncDisposable
{
    private const int SiloCount = 3;
    private FaultCluster? _kept;

    /// <returns>
    /// Three silos that are well. In the long form each test has a cluster of its own: the embedded broker looks for an
    /// offset from the beginning of its log, and gets slow as that grows. In the short form a test gets what the last one
    /// left, unless that failed in the middle and left silos dead.
    /// </returns>
    internal async Task<FaultCluster> TakeAsync()
    {
        if (FaultSeeds.IsLong || _kept is not { Silos.Count: SiloCount } || _kept.Silos.Any(silo => silo.Process.HasExited))
        {
            await DisposeAsync();
            _kept = await FaultCluster.StartAsync(SiloCount, FaultCluster.Quick);
        }

        return _kept;
    }

    public async ValueTask DisposeAsync()
    {
        if (_kept is { } cluster)
        {
            _kept = null;
            await cluster.DisposeAsync();
        }
    }
}
