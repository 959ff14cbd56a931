using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>
/// Flushes many window grains together, each in two turns of its own: in the first its rows are copied and handed to the store, in
/// the second it is told what became of them; between them it takes readings. The message, the answer and the tasks of a call for each would
/// cost more than its rows. Used again for other groups.
/// </summary>
internal sealed class BatchFlush
{
    private readonly List<Member> _members = [];
    private TaskCompletionSource? _allTurned;
    private int _turning;

    /// <param name="grains">Null: passed over.</param>
    /// <param name="answers">By index, as of <see cref="Contracts.Windows.IWindowGrain.Flush"/>; left alone where the grain has to be called.</param>
    /// <returns>When every grain that has begun has ended.</returns>
    /// <exception cref="Storage.Windows.WindowStoreUnavailableException">Some rows are not known to be durable; their grains have given no answer.</exception>
    public async Task RunAsync(SourceId source, ReadOnlyMemory<IBatchFlushMember?> grains, Memory<long?> answers)
    {
        while (_members.Count < grains.Length)
        {
            _members.Add(new(this));
        }

        Expect(grains.Length);
        for (var i = 0; i < grains.Length; i++)
        {
            _members[i].QueueBeginning(source, grains.Span[i]);
        }

        await AllTurnedAsync();
        for (var i = 0; i < grains.Length; i++)
        {
            await _members[i].WrittenAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        Expect(grains.Length);
        for (var i = 0; i < grains.Length; i++)
        {
            _members[i].QueueEnd();
        }

        await AllTurnedAsync();
        Exception? failure = null;
        for (var i = 0; i < grains.Length; i++)
        {
            answers.Span[i] = _members[i].Answer ?? answers.Span[i];
            failure = _members[i].Failure ?? failure;
            _members[i].Clear();
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private void Expect(int turns)
    {
        // One more than there are turns, so that they are not complete before the last one is queued.
        _turning = turns + 1;
        _allTurned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private Task AllTurnedAsync()
    {
        Turned();
        return _allTurned!.Task;
    }

    private void Turned()
    {
        if (Interlocked.Decrement(ref _turning) == 0)
        {
            _allTurned!.SetResult();
        }
    }

    /// <summary>One grain of the group.</summary>
    private sealed class Member(BatchFlush group)
    {
        private static readonly Action<object> BeginningTurn = static member => ((Member)member).Begin();
        private static readonly Action<object> EndTurn = static member => ((Member)member).End();

        private IBatchFlushMember? _grain;
        private SourceId _source;
        private WindowFlush.UnderWay _flush;
        private bool _hasBegun;

        public long? Answer { get; private set; }

        public Exception? Failure { get; private set; }

        public Task WrittenAsync() => _flush.Outcomes ?? Task.CompletedTask;

        public void QueueBeginning(SourceId source, IBatchFlushMember? grain)
        {
            (_source, _grain) = (source, grain);
            if (grain is null)
            {
                group.Turned();
            }
            else
            {
                grain.QueueTurn(BeginningTurn, this);
            }
        }

        public void QueueEnd()
        {
            if (_hasBegun)
            {
                _grain!.QueueTurn(EndTurn, this);
            }
            else
            {
                group.Turned();
            }
        }

        /// <summary>A group that waits for the next flush must not keep grains that have ended.</summary>
        public void Clear() => (_grain, _flush, _hasBegun, Answer, Failure) = (null, default, false, null, null);

        private void Begin()
        {
            try
            {
                _grain!.StayActive();
                _hasBegun = _grain.Windows.TryBeginFlush(out _flush);
                if (_hasBegun && _flush.Outcomes is null)
                {
                    _hasBegun = false;
                    Answer = _grain.Windows.EndFlush(_source, _flush);
                }
            }
            catch (Exception e)
            {
                Failure = e;
            }

            group.Turned();
        }

        private void End()
        {
            try
            {
                Answer = _grain!.Windows.EndFlush(_source, _flush);
            }
            catch (Exception e)
            {
                Failure = e;
            }

            group.Turned();
        }
    }
}
