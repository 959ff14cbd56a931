namespace GrainSensors.Core.Alerts;

/// <summary>The queues that hold an entry, by number. The first ones, which most entries have, need no memory of their own.</summary>
internal struct QueueSet
{
    private const int Bits = 64;
    private ulong _first;
    private HashSet<int>? _more;

    public readonly bool Contains(int queue) => queue < Bits ? (_first & (1UL << queue)) != 0 : _more?.Contains(queue) == true;

    public void Add(int queue)
    {
        if (queue < Bits)
        {
            _first |= 1UL << queue;
        }
        else
        {
            (_more ??= []).Add(queue);
        }
    }

    public void Remove(int queue)
    {
        if (queue < Bits)
        {
            _first &= ~(1UL << queue);
        }
        else
        {
            _more?.Remove(queue);
        }
    }
}
