using System.Runtime.CompilerServices;
using SchemaRegistry.Serialization.Internals.Caching;

namespace SchemaRegistry.Serialization.Internals.Registry;

/// <summary>The ids of schemas that messages are written with, by subject.</summary>
/// <typeparam name="TSchema">A schema as the format has it. It is compared by reference, because comparing its content is slow.</typeparam>
/// <typeparam name="TWriter">What writes messages with a schema and its id.</typeparam>
internal sealed class WrittenSchemas<TSchema, TWriter>
    where TSchema : class
{
    private readonly LookupCache<(string Subject, TSchema Schema), TWriter> _writers;

    /// <param name="load">Registers or finds the schema of a subject, and creates the writer.</param>
    public WrittenSchemas(Func<string, TSchema, Task<TWriter>> load, SchemaSerializerOptions options, TimeProvider clock) =>
        _writers = new(key => load(key.Subject, key.Schema), options, clock, comparer: new BySubjectAndReference());

    public ValueTask<TWriter> GetAsync(string subject, TSchema schema, CancellationToken cancellationToken) =>
        _writers.GetAsync((subject, schema), cancellationToken);

    private sealed class BySubjectAndReference : IEqualityComparer<(string Subject, TSchema Schema)>
    {
        public bool Equals((string Subject, TSchema Schema) x, (string Subject, TSchema Schema) y) =>
            ReferenceEquals(x.Schema, y.Schema) && x.Subject == y.Subject;

        public int GetHashCode((string Subject, TSchema Schema) key) =>
            HashCode.Combine(key.Subject, RuntimeHelpers.GetHashCode(key.Schema));
    }
}
