using System.Security.Claims;
using GrainSensors.Hosting.Access;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Windows;
using GrainSensors.Web.Access;
using GrainSensors.Web.Changes;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace GrainSensors.Web.Console.Parts;

/// <summary>A page, or a part of one, that shows what the store has, reads it again while it is open, and changes it.</summary>
public abstract class ChangingComponent : ComponentBase, IDisposable
{
    /// <summary>Other people change the store, too.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private long _readAt;
    private Func<ElementReference>? _focus;
    private IDisposable? _watch;
    private bool _isBusy;

    [CascadingParameter]
    public Task<AuthenticationState>? User { get; set; }

    /// <summary>Whether the person may change what the component shows.</summary>
    protected bool MayChange { get; private set; }

    /// <summary>Why the last change was not made, or the store could not be read; null: neither.</summary>
    protected string? Trouble => Refusal ?? Unread;

    /// <summary>Why the last change was not made.</summary>
    protected string? Refusal { get; set; }

    /// <summary>What the last change did; null: nothing was changed.</summary>
    protected string? Done { get; set; }

    /// <summary>The name of the role that the changes require.</summary>
    protected string Role => AccessPolicies.RoleOf(Policy);

    /// <summary>The policy of the changes, the same as that of the API.</summary>
    protected abstract string Policy { get; }

    protected ClaimsPrincipal Person { get; private set; } = new();

    private protected AuditActor Actor => AccessActor.Of(Person);

    private string? Unread { get; set; }

    [Inject]
    private IAuthorizationService Authorization { get; set; } = null!;

    [Inject]
    private protected ClusterView Cluster { get; set; } = null!;

    [Inject]
    private TimeProvider Clock { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        Person = User is null ? Person : (await User).User;
        MayChange = await IsAllowedAsync();
        await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            var refresh = new Refresh(work => InvokeAsync(work), async () =>
            {
                await LoadAsync();
                StateHasChanged();
            });
            _watch = Cluster.Watch(_ =>
            {
                if (Clock.GetElapsedTime(Volatile.Read(ref _readAt)) >= Interval && !_isBusy)
                {
                    refresh.Request();
                }
            });
        }

        if (_focus is { } wanted)
        {
            _focus = null;
            await wanted().TryFocusAsync();
        }
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _watch?.Dispose();
    }

    /// <summary>Reads what the component shows.</summary>
    protected abstract Task ReadAsync();

    /// <summary>Moves the focus when the component is rendered next.</summary>
    /// <param name="element">Called then, as the element may not exist before.</param>
    protected void Focus(Func<ElementReference> element) => _focus = element;

    protected async Task LoadAsync()
    {
        Volatile.Write(ref _readAt, Clock.GetTimestamp());
        try
        {
            await ReadAsync();
            Unread = null;
        }
        catch (Exception e) when (e is WindowStoreUnavailableException or KafkaUnavailableException)
        {
            Unread = e.Message;
        }
    }

    /// <summary>Makes a change, if the person may and no other one is under way, and reads again.</summary>
    /// <param name="change">Returns what it did, or null.</param>
    /// <returns>Whether the change was made. Otherwise <see cref="Refusal"/> says why.</returns>
    protected async Task<bool> ChangeAsync(Func<Task<string?>> change)
    {
        if (_isBusy)
        {
            return false;
        }

        (_isBusy, Refusal, Done) = (true, null, null);
        try
        {
            if (!await IsAllowedAsync())
            {
                Refusal = $"This change requires the role {Role}.";
                return false;
            }

            Done = await change();
            return true;
        }
        catch (Exception e) when (
            e is ChangeRefusedException or FormatException or WindowStoreUnavailableException or KafkaUnavailableException)
        {
            Refusal = SentenceOf(e.Message);
            return false;
        }
        catch (Exception e) when (e is JSException or TaskCanceledException)
        {
            Refusal = "The browser did not send the text, and nothing was saved. Save it again.";
            return false;
        }
        catch (TimeoutException)
        {
            Refusal = "The silo did not finish in time. Look whether the change was made, and repeat it if it was not.";
            return false;
        }
        finally
        {
            _isBusy = false;
            await LoadAsync();
        }
    }

    private static string SentenceOf(string message) =>
        message.Length > 0 && char.IsAsciiLetterLower(message[0]) && message.StartsWith("line ", StringComparison.Ordinal)
            ? $"L{message[1..]}"
            : message;

    private async Task<bool> IsAllowedAsync() => (await Authorization.AuthorizeAsync(Person, null, Policy)).Succeeded;
}

internal static class FocusMoves
{
    /// <summary>The element may have left the page meanwhile, and the page its browser.</summary>
    public static async Task TryFocusAsync(this ElementReference element)
    {
        try
        {
            await element.FocusAsync();
        }
        catch (Exception e) when (e is JSException or JSDisconnectedException or InvalidOperationException or TaskCanceledException)
        {
            // The focus stays where it is.
        }
    }
}
