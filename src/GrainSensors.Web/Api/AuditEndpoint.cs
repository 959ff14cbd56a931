using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Storage;
using GrainSensors.Storage.Access;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>The audit log.</summary>
internal static class AuditEndpoint
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public static void MapAudit(this IEndpointRouteBuilder api) => api.MapGet("/audit", ListAsync)
        .RequireAuthorization(AccessPolicies.Admin)
        .WithTags("Access").WithName("GetAudit")
        .WithSummary("Lists who did what, newest first")
        .WithDescription("If next is not null, pass it as cursor for the next page. Requires a key with the role admin.")
        .Takes(
            new("actor", "name of an access key or of a user"),
            new("action", "such as log-in or alert-acknowledge"),
            ApiParameter.From("earliest time, inclusive"),
            ApiParameter.To("latest time, exclusive"),
            ApiParameter.Cursor,
            ApiParameter.Limit(DefaultLimit, MaxLimit));

    private static async Task<AuditPage> ListAsync(
        IStore store,
        string? actor,
        string? action,
        string? from,
        string? to,
        string? cursor,
        string? limit,
        CancellationToken cancellationToken)
    {
        var (first, last) = ApiQuery.Range(from, to, EpochTime.Min, EpochTime.Max - 1);
        var most = ApiQuery.Limit(limit, DefaultLimit, MaxLimit);
        var before = string.IsNullOrEmpty(cursor) ? long.MaxValue
            : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
            : throw ApiQuery.InvalidCursor(cursor);
        var query = new AuditQuery(first, last, Filter(actor), Filter(action), before, most + 1);
        var found = await store.Access.Audit.QueryAsync(query, cancellationToken);
        var hasMore = found.Count > most;
        return new([.. found.Take(most).Select(AuditBody.Of)], hasMore ? $"{found[most - 1].Id}" : null, hasMore);
    }

    /// <summary>PostgreSQL has no text with U+0000.</summary>
    private static string? Filter(string? text) =>
        string.IsNullOrEmpty(text) ? null : text.Replace("\0", "\uFFFD", StringComparison.Ordinal);
}

/// <param name="Next">The cursor of the next page; null: this page is the last one.</param>
internal sealed record AuditPage(IReadOnlyList<AuditBody> Items, string? Next, bool HasMore);

/// <param name="Actor">Name of the key or user; empty: unknown.</param>
/// <param name="Address">Address of the client; name of the machine for a command.</param>
/// <param name="Target">The changed object; empty: the action has none.</param>
internal sealed record AuditBody(long AuditId, DateTime At, string Actor, string Address, string Action, string Target, string? Detail)
{
    public static AuditBody Of(AuditEntry entry) => new(
        entry.Id, EpochTime.ToDateTime(entry.At), entry.Actor, entry.Address, entry.Action, entry.Target, entry.Detail);
}
