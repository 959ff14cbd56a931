#if !NET9_0_OR_GREATER
// The type came with .NET 9.
global using Lock = System.Object;
#endif
