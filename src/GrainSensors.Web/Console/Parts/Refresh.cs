namespace GrainSensors.Web.Console.Parts;

/// <summary>
/// Renders a page anew when what it shows has changed. While one rendering is under way the next news wait: a slow
/// connection gets fewer pictures, not a queue of old ones.
/// </summary>
/// <param name="render">On the page's own thread of execution.</param>
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
            // The page was left meanwhile.
        }
    }
}
