using System.Globalization;
using System.Threading.RateLimiting;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace GrainSensors.Web.Access;

/// <summary>How many requests a client may send: one with a key by its key, others by their address, so that guessing keys is slow.</summary>
internal static class RequestRates
{
    /// <summary>A page that is opened fetches its parts at once.</summary>
    private const int SecondsOfBurst = 2;

    public static void Add(RateLimiterOptions options, AccessRules rules)
    {
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => context.Request.Path.StartsWithSegments(HealthPages.Prefix)
            ? RateLimitPartition.GetNoLimiter("health")
            : RateLimitPartition.GetTokenBucketLimiter(Client(context, rules), _ => new()
            {
                TokenLimit = rules.RequestsPerSecond * SecondsOfBurst,
                TokensPerPeriod = rules.RequestsPerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                AutoReplenishment = true,
            }));
        options.OnRejected = async (rejection, _) =>
        {
            var wait = rejection.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? (int)Math.Ceiling(after.TotalSeconds) : 1;
            rejection.HttpContext.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
            await ProblemWriter.WriteAsync(
                rejection.HttpContext, StatusCodes.Status429TooManyRequests, $"More than {rules.RequestsPerSecond} requests a second; go on after {wait} s.");
        };
    }

    private static string Client(HttpContext context, AccessRules rules) => !rules.IsOpen && context.User.Identity is { IsAuthenticated: true, Name: { } name }
        ? $"key {name}"
        : $"address {context.Connection.RemoteIpAddress}";
}
