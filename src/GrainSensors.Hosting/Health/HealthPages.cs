using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GrainSensors.Hosting.Health;

/// <summary>
/// <c>/health/live</c>, <c>/health/ready</c>, <c>/health/startup</c>: 200 or 503, with a JSON object that says which part
/// is in trouble; why, only to those who may look at everything.
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
            }).AllowAnonymous();
        }
    }

    private static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        var why = context.User.Identity is { IsAuthenticated: true };
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", report.Status == HealthStatus.Healthy ? "healthy" : "unhealthy");
        json.WriteStartObject("checks");
        foreach (var (name, entry) in report.Entries)
        {
            json.WriteString(name, entry.Status == HealthStatus.Healthy ? "healthy" : why ? entry.Description : "unhealthy");
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
