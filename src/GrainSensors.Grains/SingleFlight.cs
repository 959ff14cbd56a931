namespace GrainSensors.Grains;

/// <summary>
/// Runs a piece of work one at a time. Callers during a run share the next run, which begins after their call.
/// </summary>
/// <remarks>
/// Calls are made in the turns of one activation. The work is a method of the derived class rather than a delegate: each window
/// grain has an instance.
/// </remarks>
internal abstract class SingleFlight<T>
{
    private Task<T>? _running;
    private Task<T>? _following;
    private bool _isTaken;
    private TaskCompletionSource? _givenBack;

    public Task<T> RunAsync()
    {
        if (_following is not null)
        {
            return _following;
        }

        if (_isTaken)
        {
            _givenBack = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _following = FollowAsync(_givenBack.Task);
        }

        return _running is null ? Start() : _following = FollowAsync(_running);
    }

    /// <summary>Takes the place of a run until <see cref="GiveBack"/>, for work of the derived class that has no task.</summary>
    /// <returns>False if a run is under way.</returns>
    protected bool TryTake()
    {
        if (_isTaken || _running is not null || _following is not null)
        {
            return false;
        }

        return _isTaken = true;
    }

    protected void GiveBack()
    {
        _isTaken = false;
        _givenBack?.SetResult();
        _givenBack = null;
    }

    protected abstract Task<T> WorkAsync();

    private Task<T> Start()
    {
        var run = ForgottenAtItsEndAsync();
        _running = run.IsCompleted ? null : run;
        return run;
    }

    private async Task<T> ForgottenAtItsEndAsync()
    {
        try
        {
            return await WorkAsync();
        }
        finally
        {
            _running = null;
        }
    }

    private async Task<T> FollowAsync(Task running)
    {
        // The callers of the running work get its failure; the callers of this run wait for its end only.
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _following = null;
        return await Start();
    }
}
