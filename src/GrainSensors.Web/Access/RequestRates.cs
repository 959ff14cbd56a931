using System.Threading.RateLimiting;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Health;
using GrainSensors.Web.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace GrainSensors.Web.Access;

/// <summary>Limits the requests of each client: by key, or by address without a valid key, which also makes guessing keys slow.</summary>
internal static class RequestRates
{
    /// <summary>Bursts may have the requests of this many seconds, as a page loads its parts all at once.</summary>
    private const int BurstSeconds = 2;

    public static void Add(RateLimiterOptions options, AccessRules rules)
    {
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            context.Request.Path.StartsWithSegments(HealthPages.Prefix)
                ? RateLimitPartition.GetNoLimiter("health")
                : RateLimitPartition.GetTokenBucketLimiter(ClientOf(context, rules), _ => BucketOf(rules)));
        options.OnRejected = async (rejection, _) =>
        {
            var wait = rejection.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? (int)Math.Ceiling(after.TotalSeconds) : 1;
            await rejection.HttpContext.WriteProblemAsync(
                StatusCodes.Status429TooManyRequests,
                $"The limit is {rules.RequestsPerSecond} requests per second; retry after {wait} s.",
                retryAfter: wait);
        };
    }

    private static TokenBucketRateLimiterOptions BucketOf(AccessRules rules) => new()
    {
        TokenLimit = rules.RequestsPerSecond * BurstSeconds,
        TokensPerPeriod = rules.RequestsPerSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        AutoReplenishment = true,
    };

    private static string ClientOf(HttpContext context, AccessRules rules) =>
        !rules.IsOpen && context.User.Identity is { IsAuthenticated: true, Name: { } name }
            ? $"key {name}"
            : $"address {context.Connection.RemoteIpAddress}";
}
