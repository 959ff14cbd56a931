using System.Runtime.CompilerServices;
using GrainSensors.Ingest.Streams;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Views;

namespace GrainSensors.Web.Api;

/// <summary>Reads the events between the place of a resumed stream and now.</summary>
internal sealed class MissedEvents(ClosedWindowView windows, IStore store)
{
    /// <summary>Messages of one read.</summary>
    private const int MaxMessages = 1000;

    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(2);

    /// <returns>
    /// Changes in the order of their stamps, including recent ones that the client has received. Ends early when cancelled.
    /// </returns>
    public async IAsyncEnumerable<Alert> AlertsAsync(AlertPlace place, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var feed = new AlertFeed(store.Alerts, place.ResumeFrom);
        await using var pages = feed.ReadAsync(cancellationToken).GetAsyncEnumerator(CancellationToken.None);
        while (true)
        {
            try
            {
                if (!await pages.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (OperationCanceledException)
            {
                yield break;
            }

            foreach (var alert in pages.Current)
            {
                yield return alert;
            }
        }
    }

    /// <param name="from">The offset of the next message by partition; empty: nothing was missed.</param>
    /// <param name="to">Exclusive.</param>
    public async IAsyncEnumerable<ClosedWindowEvent> WindowsAsync(
        IReadOnlyDictionary<int, long> from,
        IReadOnlyDictionary<int, long> to,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!to.Any(end => from.TryGetValue(end.Key, out var position) && position != end.Value))
        {
            yield break;
        }

        using var log = await windows.OpenAsync(new Dictionary<int, long>(from));
        while (!cancellationToken.IsCancellationRequested
            && to.Any(end => log.Positions.TryGetValue(end.Key, out var position) && position < end.Value))
        {
            foreach (var window in await Task.Run(() => log.Read(MaxMessages, ReadTimeout), CancellationToken.None))
            {
                if (to.TryGetValue(window.Partition, out var end) && window.Offset < end)
                {
                    yield return window;
                }
            }
        }
    }
}
