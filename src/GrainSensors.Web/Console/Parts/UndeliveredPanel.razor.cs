using GrainSensors.Storage;
using GrainSensors.Storage.Contacts;
using GrainSensors.Web.Changes;
using GrainSensors.Web.Formatting;
using Microsoft.AspNetCore.Components;

namespace GrainSensors.Web.Console.Parts;

/// <summary>The notifications that could not be delivered, which an administrator sends again.</summary>
public partial class UndeliveredPanel
{
    private const int Most = 100;

    /// <summary>Null: not read yet.</summary>
    private IReadOnlyList<StoredNotification>? _dead;
    private ElementReference _heading;

    protected override string Policy => NotificationRequeue.Policy;

    [Inject]
    private IStore Store { get; set; } = null!;

    [Inject]
    private NotificationRequeue Requeue { get; set; } = null!;

    protected override async Task ReadAsync() => _dead = MayChange
        ? await Store.Contacts.Notifications.ReadAsync(new() { State = NotificationState.Dead, Limit = Most }, CancellationToken.None)
        : null;

    private async Task SendAsync(Guid id)
    {
        await ChangeAsync(async () => await Requeue.OneAsync(Actor, id, CancellationToken.None)
            ? "The notification is sent again."
            : "The notification has been sent again already.");
        Focus(() => _heading);
    }

    private async Task SendAllAsync()
    {
        await ChangeAsync(async () =>
        {
            var count = await Requeue.AllAsync(Actor, null, CancellationToken.None);
            return $"{DisplayFormat.Plural(count, "notification")} {(count == 1 ? "is" : "are")} sent again.";
        });
        Focus(() => _heading);
    }
}
