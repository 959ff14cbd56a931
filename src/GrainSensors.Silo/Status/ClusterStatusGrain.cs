using GrainSensors.Contracts.Cluster;
using Orleans.Concurrency;
using Orleans.Dashboard;

namespace GrainSensors.Silo.Status;

/// <inheritdoc cref="IClusterStatusGrain"/>
[StatelessWorker(1), Reentrant, NoProfiling]
internal sealed class ClusterStatusGrain(SiloStatusClient silos) : Grain, IClusterStatusGrain
{
    /// <summary>A silo that died a moment ago does not answer, and nobody wants to wait for the usual 30 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<SiloReport[]> GetReports()
    {
        var hosts = await GrainFactory.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: false);
        var members = hosts.Where(host => host.Value != SiloStatus.Dead).OrderBy(host => host.Key.ToString(), StringComparer.Ordinal);
        return await Task.WhenAll(members.Select(host => AskAsync(host.Key, host.Value)));
    }

    private async Task<SiloReport> AskAsync(SiloAddress silo, SiloStatus state)
    {
        try
        {
            var report = await silos.Of(silo).GetReport().WaitAsync(Patience);
            return report with { State = state.ToString() };
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            var reason = e is TimeoutException ? $"it did not answer within {Patience.TotalSeconds} s" : e.Message;
            return SiloReport.WithoutAnswer(silo.Endpoint.ToString(), state.ToString(), reason);
        }
    }
}
