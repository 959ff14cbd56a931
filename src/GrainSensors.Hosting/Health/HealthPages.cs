using System.Text.Json;
using GrainSensors.Hosting.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GrainSensors.Hosting.Health;

/// <summary>
/// <c>/health/live</c>, <c>/health/ready</c> and <c>/health/startup</c> answer with 200 or 503 and a JSON object of the checks. Only
/// clients with access see the reason of a failed check. The object also has the feature level of the cluster.
/// </summary>
internal static class HealthPages
{
    public const string Prefix = "/health";

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        foreach (var probe in new[] { SiloHealth.Live, SiloHealth.Ready, SiloHealth.Startup })
        {
            routes.MapHealthChecks($"{Prefix}/{probe}", new HealthCheckOptions
            {
                Predicate = check => check.Tags.Contains(probe),
                ResponseWriter = WriteAsync,
                AllowCachingResponses = false,
            }).AllowAnonymous().WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));
        }
    }

    private static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        var showsReasons = context.User.Identity is { IsAuthenticated: true };
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", report.Status == HealthStatus.Healthy ? "healthy" : "unhealthy");
        json.WriteStartObject("checks");
        foreach (var (name, entry) in report.Entries)
        {
            json.WriteString(name, entry.Status == HealthStatus.Healthy ? "healthy" : showsReasons ? entry.Description : "unhealthy");
        }

        json.WriteEndObject();
        json.WriteNumber("feature_level", context.RequestServices.GetRequiredService<FeatureLevel>().Current);
        json.WriteEndObject();
    }
}
