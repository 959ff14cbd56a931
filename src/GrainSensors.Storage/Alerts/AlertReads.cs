namespace GrainSensors.Storage.Alerts;

public static class AlertReads
{
    /// <summary>Alerts of one query.</summary>
    private const int MaxIds = 500;

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
