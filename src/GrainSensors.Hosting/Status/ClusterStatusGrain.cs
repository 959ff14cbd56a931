using GrainSensors.Contracts.Cluster;
using GrainSensors.Core.Text;
using Orleans.Concurrency;
using Orleans.Dashboard;

namespace GrainSensors.Hosting.Status;

/// <inheritdoc cref="IClusterStatusGrain"/>
[StatelessWorker(1), Reentrant, NoProfiling]
internal sealed class ClusterStatusGrain(SiloStatusClient silos, IClusterMembershipService membership) : Grain, IClusterStatusGrain
{
    /// <summary>A silo that was just lost does not answer; Orleans' default of 30 s is too long for a status.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    public async Task<SiloReport[]> GetReports()
    {
        // From the memory of this silo: the console asks every second, and PostgreSQL may be unavailable.
        var members = membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status is not (SiloStatus.Dead or SiloStatus.None))
            .OrderBy(member => member.SiloAddress.ToString(), StringComparer.Ordinal);
        return await Task.WhenAll(members.Select(member => AskAsync(member.SiloAddress, member.Status)));
    }

    private async Task<SiloReport> AskAsync(SiloAddress silo, SiloStatus state)
    {
        try
        {
            var report = await silos.Of(silo).GetReport().WaitAsync(Timeout);
            return report with { State = state.ToString() };
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            var reason = e is TimeoutException ? $"no answer within {Timeout.TotalSeconds} s" : FailureReason.Of(e);
            return SiloReport.WithoutAnswer(silo.Endpoint.ToString(), state.ToString(), reason);
        }
    }
}
