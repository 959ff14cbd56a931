using System.Runtime.CompilerServices;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Api;

/// <summary>Reads the changes of alerts between the place of a resumed stream and now.</summary>
internal sealed class MissedAlerts(IStore store)
{
    /// <returns>
    /// Changes in the order of their stamps, including recent ones that the client has received. Ends early when cancelled.
    /// </returns>
    public async IAsyncEnumerable<Alert> ReadAsync(AlertPlace place, [EnumeratorCancellation] CancellationToken cancellationToken)
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
}
