using System.Runtime.CompilerServices;
using GrainSensors.Core.Time;

namespace GrainSensors.Storage.Alerts;

/// <summary>Follows the changes of alerts. The webhook, the console and the event streams read each change once.</summary>
/// <remarks>
/// Transactions commit in another order than the order of their stamps. So each read begins <see cref="Overlap"/> before the latest
/// change and skips the changes that were advanced over.
/// </remarks>
public sealed class AlertFeed
{
    /// <summary>Longest time from the stamp of a change to its commit, including the difference between clocks; µs.</summary>
    public const long Overlap = 10 * EpochTime.MicrosPerSecond;

    public const int PageLength = 500;

    private readonly IAlertStore _alerts;
    private readonly long _from;

    /// <summary>Stamps of the changes within the overlap, by alert.</summary>
    private readonly Dictionary<Guid, long> _passed = [];

    /// <param name="from">Changes stamped earlier are skipped; µs since the epoch, by the clock of the store.</param>
    public AlertFeed(IAlertStore alerts, long from) => (_alerts, _from, Position) = (alerts, from, from);

    /// <summary>The stamp of the latest change that was advanced over; µs since the epoch.</summary>
    public long Position { get; private set; }

    /// <summary>Reads all changes that were not advanced over.</summary>
    /// <returns>Pages of changes in the order of their stamps, none of them empty.</returns>
    public async IAsyncEnumerable<IReadOnlyList<Alert>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (since, after) = (Math.Max(_from, Position - Overlap), Guid.Empty);
        IReadOnlyList<Alert> page;
        do
        {
            page = await _alerts.ReadChangesAsync(since, after, PageLength, cancellationToken);
            List<Alert> changes = [.. page.Where(alert => _passed.GetValueOrDefault(alert.Id) != alert.UpdatedAt)];
            if (changes.Count > 0)
            {
                yield return changes;
            }

            if (page.Count > 0)
            {
                (since, after) = (page[^1].UpdatedAt, page[^1].Id);
            }
        }
        while (page.Count == PageLength);
    }

    /// <summary>Marks changes as delivered, so that no later read returns them. A change that was not delivered is read again.</summary>
    public void Advance(IEnumerable<Alert> delivered)
    {
        foreach (var alert in delivered)
        {
            _passed[alert.Id] = alert.UpdatedAt;
            Position = Math.Max(Position, alert.UpdatedAt);
        }

        foreach (var (id, updatedAt) in _passed)
        {
            if (updatedAt < Position - Overlap)
            {
                _passed.Remove(id);
            }
        }
    }
}
