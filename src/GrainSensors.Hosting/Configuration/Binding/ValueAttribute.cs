namespace GrainSensors.Hosting.Configuration.Binding;

/// <summary>Describes the values that an option accepts.</summary>
/// <param name="expected">Completes the sentence "KEY must be …".</param>
[AttributeUsage(AttributeTargets.Property)]
internal class ValueAttribute(string expected) : Attribute
{
    public string Expected { get; } = expected;

    /// <param name="value">A value of the option's type, not null.</param>
    public virtual bool Allows(object value) => true;
}
