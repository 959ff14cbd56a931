using GrainSensors.Contracts.Cluster;
using GrainSensors.Hosting.Status;
using GrainSensors.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace GrainSensors.Web.Api;

/// <summary>The state of the cluster, the same as <c>grainsensors status --json</c> prints.</summary>
internal static class StatusEndpoint
{
    public static void MapStatus(this IEndpointRouteBuilder api) => api.MapGet("/status", GetAsync)
        .WithTags("Status").WithName("GetStatus")
        .WithSummary("Returns health, silos, partitions with owner, lag and checkpoint, and current problems");

    private static async Task<ClusterStatus> GetAsync(
        IGrainFactory grains, IStore store, IOptions<ClusterOptions> cluster, TimeProvider clock, CancellationToken cancellationToken)
    {
        var reports = await grains.GetGrain<IClusterStatusGrain>(0).GetReports().WaitAsync(cancellationToken);
        return ClusterStatus.From(cluster.Value.ClusterId, store.Description, reports, clock.GetUtcNow().UtcDateTime);
    }
}
