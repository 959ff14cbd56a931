using GrainSensors.Contacts.Points;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Contacts.Routes;

/// <summary>The routes of alerts in the store, their versions, and answers about them.</summary>
public sealed class RouteBook
{
    private readonly IRouteStore _store;
    private readonly ContactPoints _points;
    private readonly TimeProvider _clock;
    private RouteTree? _tree;

    internal RouteBook(IRouteStore store, ContactPoints points, TimeProvider clock) => (_store, _points, _clock) = (store, points, clock);

    /// <returns>The latest version, also one that removed the routes; null: there never were routes.</returns>
    public Task<StoredRoutes?> ReadAsync(CancellationToken cancellationToken) => _store.ReadAsync(cancellationToken);

    /// <param name="routes">Null: removes the routes.</param>
    /// <param name="expected">The version that this one follows; null: the latest one.</param>
    /// <returns>The added version; null: the latest version is another one.</returns>
    /// <exception cref="FormatException">The routes are invalid; the message has a sentence for each fault.</exception>
    public async Task<StoredRoutes?> WriteAsync(
        RouteDocument? routes, int? expected, string by, CancellationToken cancellationToken)
    {
        if (routes is not null)
        {
            await CompileAsync(routes, cancellationToken);
        }

        var latest = (await _store.ReadAsync(cancellationToken))?.Version ?? 0;
        var added = new StoredRoutes((expected ?? latest) + 1, routes?.ToJson(), EpochTime.Now(_clock), by);
        return await _store.AddAsync(added, cancellationToken) ? added : null;
    }

    /// <param name="routes">Null: those of the store.</param>
    /// <returns>Where an alert with these labels would go.</returns>
    /// <exception cref="FormatException">The routes are invalid; the message has a sentence for each fault.</exception>
    public async Task<IReadOnlyList<RouteAnswer>> TestAsync(
        IReadOnlyDictionary<string, string> labels, RouteDocument? routes, CancellationToken cancellationToken)
    {
        var root = routes is null ? null : await CompileAsync(routes, cancellationToken);
        var found = root?.Find(labels) ?? (await TreeAsync(cancellationToken))?.Of(labels);
        if (found is null)
        {
            var enabled = (await _points.ReadAsync(cancellationToken)).Where(point => point.IsEnabled);
            return [new(null, [.. enabled.Select(point => point.Name)], null, false)];
        }

        var now = EpochTime.Now(_clock);
        return
        [
            .. found.Select(route => new RouteAnswer(
                route.Key, route.Contacts, route.GroupOf(labels), route.MutedUntil(now) is not null)
            {
                Steps = [.. route.Steps.Select(step => new RouteStepAnswer(step.After, step.Contacts))],
            }),
        ];
    }

    /// <returns>The routes for use; null: there are none.</returns>
    internal async Task<RouteTree?> TreeAsync(CancellationToken cancellationToken)
    {
        var stored = await _store.ReadAsync(cancellationToken);
        if (stored?.Document is not { } document)
        {
            return null;
        }

        // A contact point may have been removed since; the routes stay valid without it.
        return _tree is { } tree && tree.Version == stored.Version ? tree
            : _tree = new(stored.Version, stored.ChangedAt, new RouteCompiler(_ => true).Compile(RouteDocument.Parse(document)));
    }

    private async Task<Route> CompileAsync(RouteDocument routes, CancellationToken cancellationToken)
    {
        var names = (await _points.ReadAsync(cancellationToken)).Select(point => point.Name).ToHashSet(StringComparer.Ordinal);
        return new RouteCompiler(names.Contains).Compile(routes);
    }
}

/// <summary>A route of an alert.</summary>
/// <param name="Route">The conditions from the root on; null: there are no routes, and every contact point is told.</param>
/// <param name="Group">The labels of the alert's group; null: alerts are not grouped.</param>
/// <param name="IsMuted">Whether a maintenance window of the route is active now.</param>
public sealed record RouteAnswer(
    string? Route, IReadOnlyList<string> Contacts, IReadOnlyDictionary<string, string>? Group, bool IsMuted)
{
    public IReadOnlyList<RouteStepAnswer> Steps { get; init; } = [];
}

/// <summary>A step of the escalation.</summary>
public sealed record RouteStepAnswer(TimeSpan After, IReadOnlyList<string> Contacts);
