using System.Threading.RateLimiting;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Health;
using GrainSensors.Web.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace GrainSensors.Web.Access;

/// <summary>
/// Limits the requests of each client per second and at once: by key, or by address without a valid key, which also makes guessing
/// keys slow.
/// </summary>
internal static class RequestRates
{
    /// <summary>Bursts may have the requests of this many seconds, as a page loads its parts all at once.</summary>
    private const int BurstSeconds = 2;

    private const string Unlimited = "unlimited";

    public static void Add(RateLimiterOptions options, AccessRules rules)
    {
        options.GlobalLimiter = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<HttpContext, string>(context =>
                context.Request.Path.StartsWithSegments(HealthPages.Prefix)
                    ? RateLimitPartition.GetNoLimiter(Unlimited)
                    : RateLimitPartition.GetTokenBucketLimiter(ClientOf(context, rules), _ => BucketOf(rules))),
            PartitionedRateLimiter.Create<HttpContext, string>(context =>
                context.Request.Path.StartsWithSegments(HealthPages.Prefix) || IsLongLived(context.Request)
                    ? RateLimitPartition.GetNoLimiter(Unlimited)
                    : RateLimitPartition.GetConcurrencyLimiter(
                        ClientOf(context, rules), _ => new() { PermitLimit = rules.Limits.MaxRequestsAtOnce })));
        options.OnRejected = async (rejection, _) =>
        {
            var isRate = rejection.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after);
            var wait = isRate ? (int)Math.Ceiling(after.TotalSeconds) : 1;
            var limit = isRate ? $"{rules.RequestsPerSecond} requests per second" : $"{rules.Limits.MaxRequestsAtOnce} requests at once";
            await rejection.HttpContext.WriteProblemAsync(
                StatusCodes.Status429TooManyRequests, $"The limit is {limit}; retry after {wait} s.", retryAfter: wait);
        };
    }

    /// <summary>Connections of pages and event streams, which last as long as their clients want and have limits of their own.</summary>
    public static bool IsLongLived(HttpRequest request) =>
        RequestOrigin.IsPageConnection(request)
        || request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<LongLivedRequest>() is not null;

    public static TokenBucketRateLimiterOptions BucketOf(AccessRules rules) => new()
    {
        TokenLimit = rules.RequestsPerSecond * BurstSeconds,
        TokensPerPeriod = rules.RequestsPerSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        AutoReplenishment = true,
    };

    /// <returns>The key of the client, or its address without a valid key.</returns>
    public static string ClientOf(HttpContext context, AccessRules rules) =>
        !rules.IsOpen && context.User.Identity is { IsAuthenticated: true, Name: { } name }
            ? $"key {name}"
            : $"address {ClientAddress.LimitedAs(context.Connection.RemoteIpAddress)}";
}
