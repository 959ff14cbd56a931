using System.Text.Json;
using GrainSensors.Contacts.Routes;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Web.Api;

/// <summary>The routes of alerts to contact points.</summary>
/// <param name="Version">The number of the version, also in the ETag; 0: there never were routes.</param>
/// <param name="Routes">The document as it was put; null: there are no routes, and every contact point is told of every alert.</param>
internal sealed record RoutesBody(int Version, JsonElement? Routes, DateTime? ChangedAt, string? ChangedBy)
{
    public static RoutesBody Of(StoredRoutes? stored) => stored is null
        ? new(0, null, null, null)
        : new(
            stored.Version,
            stored.Document is { } document ? JsonSerializer.Deserialize<JsonElement>(document) : null,
            EpochTime.ToDateTime(stored.ChangedAt),
            stored.ChangedBy);
}

/// <param name="Labels">Labels of an alert, such as <c>{"kind":"disconnected","city":"Valencia"}</c>.</param>
/// <param name="Routes">Routes to test before they are put; null: the current ones.</param>
internal sealed record RouteTestRequest(IReadOnlyDictionary<string, string>? Labels = null, JsonElement? Routes = null);

/// <param name="Items">The routes that the alert takes.</param>
internal sealed record RouteTestBody(IReadOnlyList<RouteTestItem> Items);

/// <param name="Route">The conditions from the root on; null: there are no routes.</param>
/// <param name="Contacts">The contact points that are told.</param>
/// <param name="Group">The labels of the alert's group; null: alerts are not grouped.</param>
/// <param name="Muted">Whether a maintenance window of the route is active now.</param>
/// <param name="Steps">The escalation.</param>
internal sealed record RouteTestItem(
    string? Route, IReadOnlyList<string> Contacts, IReadOnlyDictionary<string, string>? Group, bool Muted,
    IReadOnlyList<RouteTestStep> Steps)
{
    public static RouteTestItem Of(RouteAnswer answer) => new(
        answer.Route, answer.Contacts, answer.Group, answer.IsMuted,
        [.. answer.Steps.Select(step => new RouteTestStep(step.After.TotalSeconds, step.Contacts))]);
}

/// <param name="AfterSeconds">Time since the message about the alert, s.</param>
internal sealed record RouteTestStep(double AfterSeconds, IReadOnlyList<string> Contacts);
