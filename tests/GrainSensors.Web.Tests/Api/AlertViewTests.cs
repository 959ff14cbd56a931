using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Opening;
using GrainSensors.Web.Views;

namespace GrainSensors.Web.Tests.Api;

public sealed class AlertViewTests
{
    [Fact]
    public async Task A_change_between_the_first_request_and_the_first_read_reaches_the_client()
    {
        using var folder = new TemporaryDirectory();
        await using var store = WindowStoreAddress.Parse($"sqlite:{folder.File("alerts.db")}").Open();
        await store.PrepareAsync(TestContext.Current.CancellationToken);
        using var view = new AlertView(store, TimeProvider.System);
        var received = new TaskCompletionSource<Alert>();
        using var watch = view.Watch(changes =>
        {
            if (changes.Count > 0)
            {
                received.TrySetResult(changes[0]);
            }
        });
        var now = EpochTime.Now(TimeProvider.System);
        var alert = new Alert(
            AlertId.Of(7, "temperature", AlertKind.Extreme, now),
            7, "temperature", AlertKind.Extreme, AlertLevel.Warning, now, now, null, 1, 61.2, 21.4, now, "too warm");
        await store.Alerts.WriteAsync([alert], TestContext.Current.CancellationToken);

        await view.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(alert.Id, (await received.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Id);
        await view.StopAsync(TestContext.Current.CancellationToken);
    }
}
