namespace SchemaRegistry.Serialization;

/// <summary>
/// The schema registry does not answer now, or it refuses the credentials. The message may be valid; read it again later.
/// </summary>
public sealed class SchemaRegistryUnavailableException : Exception
{
    /// <summary>Creates an exception without a message.</summary>
    public SchemaRegistryUnavailableException()
    {
    }

    /// <summary>Creates an exception.</summary>
    /// <param name="message">The cause.</param>
    public SchemaRegistryUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with an inner exception.</summary>
    /// <param name="message">The cause.</param>
    /// <param name="innerException">The cause.</param>
    public SchemaRegistryUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
