namespace GrainSensors.Web.Changes;

/// <summary>A change is not made. API and console show the same sentence.</summary>
/// <param name="sentence">What is wrong, the offending value and what to do; without secrets.</param>
internal sealed class ChangeRefusedException(ChangeRefusal reason, string sentence, Exception? inner = null) : Exception(sentence, inner)
{
    public ChangeRefusal Reason => reason;

    /// <summary>Runs checks whose faults are those of the request.</summary>
    public static async Task<T> GuardAsync<T>(Func<Task<T>> change)
    {
        try
        {
            return await change();
        }
        catch (FormatException e)
        {
            throw new ChangeRefusedException(ChangeRefusal.Invalid, e.Message, e);
        }
    }
}

internal enum ChangeRefusal
{
    /// <summary>What is given is invalid.</summary>
    Invalid,

    /// <summary>There is another version than the one that is changed.</summary>
    OtherVersion,

    /// <summary>A limit on the number of objects is reached.</summary>
    TooMany,

    /// <summary>A receiver has not confirmed a message, or a registry does not answer.</summary>
    NotDelivered,

    /// <summary>What is to be changed does not exist.</summary>
    Unknown,

    /// <summary>The pipeline would reject messages again.</summary>
    RejectedAgain,
}
