namespace GrainSensors.Web.Console.Parts;

/// <summary>
/// Renders a page after its data has changed. Requests made while a rendering waits are combined with it, so a slow
/// connection receives fewer updates instead of a queue of outdated ones.
/// </summary>
/// <param name="invoke">Runs work in the page's synchronization context.</param>
/// <param name="render">Called in the page's synchronization context.</param>
internal sealed class Refresh(Func<Func<Task>, Task> invoke, Func<Task> render)
{
    private int _isPending;

    public void Request()
    {
        if (Interlocked.Exchange(ref _isPending, 1) == 0)
        {
            _ = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await invoke(async () =>
            {
                Volatile.Write(ref _isPending, 0);
                await render();
            });
        }
        catch (ObjectDisposedException)
        {
            // The user has left the page.
        }
    }
}
