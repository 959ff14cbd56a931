using System.Runtime.CompilerServices;

namespace GrainSensors.Storage.Alerts;

public static class AlertReads
{
    /// <summary>Alerts of one query.</summary>
    private const int MaxIds = 500;

    /// <returns>The matching alerts, newest first, in pages of the query's limit; none is empty.</returns>
    public static async IAsyncEnumerable<IReadOnlyList<Alert>> ReadPagesAsync(
        this IAlertStore alerts, AlertQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await alerts.QueryAsync(query, cancellationToken) is { Count: > 0 } page)
        {
            yield return page;
            query = query with { After = AlertCursor.Of(page[^1]) };
        }
    }

    /// <returns>The alerts by their ids; an unknown one is absent.</returns>
    public static async Task<IReadOnlyDictionary<Guid, Alert>> FindAllAsync(
        this IAlertStore alerts, IEnumerable<Guid> ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, Alert>();
        foreach (var some in ids.Chunk(MaxIds))
        {
            foreach (var alert in await alerts.QueryAsync(new() { Ids = some, Limit = MaxIds }, cancellationToken))
            {
                found.Add(alert.Id, alert);
            }
        }

        return found;
    }
}
